import { AggregatorRegistry } from 'prom-client';
import type { MetricValues } from './process-metrics.ts';

/** A process that can be asked for its metrics. */
export interface MeasuredProcess {
  metrics(): Promise<MetricValues>;
}

/**
 * The metrics of several processes as those of one server. What a process counted is kept after its end, as of its last reading:
 * a counter that decreases would be taken for a restart of the server.
 */
export class JoinedMetrics {
  readonly #latest = new Map<MeasuredProcess, MetricValues>();
  #ended: MetricValues = [];
  #reading: Promise<string> | undefined;

  /**
   * The metrics in the Prometheus text format 0.0.4. Rejects if one of the processes does not answer. Requests at the same time share one
   * reading.
   */
  read(processes: readonly MeasuredProcess[]): Promise<string> {
    this.#reading ??= this.#read(processes).finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #read(processes: readonly MeasuredProcess[]): Promise<string> {
    const values = await Promise.all(processes.map((process) => process.metrics()));
    for (const [process, latest] of this.#latest) {
      if (processes.includes(process)) continue;
      this.#latest.delete(process);
      this.#ended = joined([this.#ended, countersOf(latest)]).getMetricsAsArray() as unknown as MetricValues;
    }
    processes.forEach((process, index) => this.#latest.set(process, values[index]!));
    return joined([...values, this.#ended]).metrics();
  }
}

function joined(values: readonly MetricValues[]): ReturnType<typeof AggregatorRegistry.aggregate> {
  return AggregatorRegistry.aggregate([...values]);
}

function countersOf(values: MetricValues): MetricValues {
  return values.filter(({ type }) => ['counter', 'histogram'].includes(String(type)));
}
