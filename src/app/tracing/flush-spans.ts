import { ProxyTracerProvider, trace } from '@opentelemetry/api';

/** A collector that does not answer delays the end of a process by this time at most. */
const WITHIN_MS = 2_000;

/** What providers of SDKs have beyond the API. */
interface FlushingProvider {
  forceFlush?: () => Promise<void>;
}

/** Has a registered SDK export the spans that it still holds. Call it before the process exits. Never rejects. */
export async function flushSpans(): Promise<void> {
  const provider = trace.getTracerProvider();
  const registered = provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider;
  const late = new Promise<void>((resolve) => setTimeout(resolve, WITHIN_MS).unref());
  // The SDK reports its own failures.
  const flushed = (registered as FlushingProvider).forceFlush?.().catch(() => undefined);
  if (flushed) await Promise.race([flushed, late]);
}
