import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runOffhook } from '../support/run-offhook.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../deploy/tracing.mjs');

interface ExportedSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}
interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
  }[];
}

/** Receives spans as an OpenTelemetry collector does. */
async function startedCollector() {
  const texts: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      texts.push(text);
      response.setHeader('Content-Type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const spans = (): ExportedSpan[] =>
    texts
      .flatMap((text) => (JSON.parse(text) as ExportRequest).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    texts,
    spans,
    close: () => server.close(),
  };
}

test(
  'with the SDK of deploy/tracing.mjs the spans of a call reach a collector, without what was said',
  { timeout: 90_000 },
  async () => {
    const collector = await startedCollector();
    const ran = await runOffhook('demo', [], {
      NODE_OPTIONS: `--import ${EXAMPLE}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    });
    collector.close();
    expect(ran.status, ran.stderr).toBe(0);
    const spans = collector.spans();
    const [call, ...others] = spans.filter(({ name }) => name === 'call');
    expect(others).toEqual([]);
    const turns = spans.filter(({ name }) => name === 'turn');
    expect(turns.length).toBeGreaterThan(2);
    for (const turn of turns) expect(turn.parentSpanId).toBe(call!.spanId);
    const ids = turns.map(({ spanId }) => spanId);
    for (const kind of ['transcription', 'reply', 'speech']) {
      const found = spans.filter(
        ({ name, parentSpanId }) => name === kind && ids.includes(parentSpanId ?? ''),
      );
      expect(found.length, kind).toBeGreaterThan(1);
    }
    expect(ran.stdout).toContain('We are open all week');
    expect(collector.texts.join('\n')).not.toContain('open all week');
  },
);
