// Registers an OpenTelemetry SDK before offhook starts: node --import ./tracing.mjs bin/offhook.mjs serve
// Needs: npm install @opentelemetry/api @opentelemetry/sdk-trace @opentelemetry/exporter-trace-otlp-http
// Spans go to OTEL_EXPORTER_OTLP_ENDPOINT (default http://localhost:4318) as OTLP over HTTP.
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const processor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter() });
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }));
// Offhook flushes it before it exits.
