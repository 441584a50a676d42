import { Counter, Gauge, type Registry } from 'prom-client';

/** How values of several processes become one: numbers are added, of times the longest counts. */
type Joined = 'sum' | 'max';

/** A gauge without labels whose value is read when the metrics are requested. */
export function addGauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => number,
  aggregator: Joined = 'sum',
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    aggregator,
    collect() {
      this.set(read());
    },
  });
}

/** A counter without labels whose value is read when the metrics are requested. */
export function addCounter(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}
