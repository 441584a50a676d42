/** One series of a metric with its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)$/u;
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/u;
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`, 'u');
const NUMBER = /^(?:[+-]?Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/u;

/**
 * The metrics of a text in Prometheus' format 0.0.4, by name. Throws at whatever the format does not allow:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function parseMetrics(text: string): ReadonlyMap<string, Metric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const metrics = new Map<string, { help: string; type: string; samples: Sample[] }>();
  const series = new Set<string>();
  let help: readonly [name: string, text: string] | undefined;
  let current: string | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, helpName, helpText] = HELP.exec(line) ?? [];
    const [, typeName, type] = TYPE.exec(line) ?? [];
    if (helpName !== undefined) help = [helpName, helpText!];
    else if (typeName !== undefined) {
      if (help?.[0] !== typeName) throw new Error(`no help before: ${line}`);
      if (metrics.has(typeName)) throw new Error(`declared twice: ${line}`);
      metrics.set(typeName, { help: help[1], type: type!, samples: [] });
      current = typeName;
    } else {
      const sample = sampleOf(line);
      const metric = current === undefined ? undefined : metrics.get(current);
      if (!metric || !namesOf(current!, metric.type).includes(sample.name))
        throw new Error(`not of the metric above it: ${line}`);
      const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (series.has(key)) throw new Error(`given twice: ${line}`);
      series.add(key);
      metric.samples.push(sample);
    }
  }
  for (const [name, metric] of metrics) if (metric.type === 'histogram') checkHistogram(name, metric);
  return metrics;
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || !NUMBER.test(value!)) throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(new RegExp(LABEL, 'gu'))].map(([pair]) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), JSON.parse(pair.slice(at + 1)) as string] as const;
  });
  return { name, labels: Object.fromEntries(pairs), value: Number(value!.replace('Inf', 'Infinity')) };
}

function namesOf(metric: string, type: string): string[] {
  if (type === 'histogram') return ['_bucket', '_sum', '_count'].map((suffix) => metric + suffix);
  return [metric];
}

/** The buckets of each series ascend, with their counts, to `+Inf`, whose count is that of the series. */
function checkHistogram(name: string, { samples }: Metric): void {
  const counts = samples.filter((sample) => sample.name === `${name}_count`);
  for (const { labels, value } of counts) {
    const buckets = samples.filter(
      (sample) =>
        sample.name === `${name}_bucket` &&
        Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
    );
    const limits = buckets.map((bucket) => Number(bucket.labels['le']!.replace('Inf', 'Infinity')));
    const isAscending = (numbers: number[]): boolean =>
      numbers.every((number, index) => index === 0 || number >= numbers[index - 1]!);
    if (!isAscending(limits) || !isAscending(buckets.map((bucket) => bucket.value)))
      throw new Error(`the buckets of ${name} do not ascend`);
    if (limits.at(-1) !== Infinity || buckets.at(-1)!.value !== value)
      throw new Error(`the last bucket of ${name} is not its count`);
  }
}

/** The values of a metric by one label; the series of a histogram are its counts. */
export function valuesBy(
  metrics: ReadonlyMap<string, Metric>,
  name: string,
  label: string,
): Record<string, number> {
  const metric = metrics.get(name);
  const counted = metric?.type === 'histogram' ? `${name}_count` : name;
  const samples = (metric?.samples ?? []).filter((sample) => sample.name === counted && sample.value !== 0);
  return Object.fromEntries(samples.map(({ labels, value }) => [labels[label] ?? '', value]));
}

/** The sum of all series of a metric. */
export function totalOf(metrics: ReadonlyMap<string, Metric>, name: string): number {
  const metric = metrics.get(name);
  if (!metric) throw new Error(`there is no metric ${name}`);
  return metric.samples.reduce((sum, { value }) => sum + value, 0);
}
