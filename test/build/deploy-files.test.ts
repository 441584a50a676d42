import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { READINESS_ROUTES } from '../../src/api/readiness-router.ts';
import { STOP_WITHIN_MS } from '../../src/cli/serve/worker.ts';
import { SETTING_TABLE } from '../../src/settings/table.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, 'deploy', file), 'utf8');

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[];
  readonly stop_grace_period?: string;
  readonly command?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const compose = parse(read('compose.yaml'), { merge: true }) as Compose;
const machines = Object.entries(compose.services).filter(([name]) => name.startsWith('machine-'));
const known = SETTING_TABLE.map(({ name }) => name as string);

test('the machines of compose.yaml share settings that exist, and no volume', () => {
  expect(machines).toHaveLength(3);
  for (const [name, { environment = {}, depends_on = [], stop_grace_period = '' }] of machines) {
    expect(
      Object.keys(environment).filter((setting) => !known.includes(setting)),
      name,
    ).toEqual([]);
    expect(Object.keys(environment)).toEqual(
      expect.arrayContaining(['REDIS_URL', 'DATABASE_URL', 'RECORDINGS_STORE']),
    );
    expect(parseInt(stop_grace_period, 10)).toBeGreaterThan(Number(environment['DRAIN_SECONDS']) + 10);
    for (const other of depends_on) expect(Object.keys(compose.services)).toContain(other);
  }
  const mounted = Object.values(compose.services)
    .flatMap(({ volumes = [] }) => volumes.map((mount) => mount.split(':')[0]!))
    .filter((source) => !source.startsWith('.'));
  expect(mounted.sort()).toEqual(Object.keys(compose.volumes).sort());
});

test('workers have the settings of the machines, and longer to end than their jobs may take', () => {
  const worker = compose.services['worker']!;
  expect(worker.command).toEqual(['worker']);
  expect(worker.environment).toEqual(machines[0]![1].environment);
  expect(parseInt(worker.stop_grace_period!, 10) * 1_000).toBeGreaterThan(STOP_WITHIN_MS);
  const [deployment, ...more] = manifests('workers.yaml');
  expect([deployment!.kind, more]).toEqual(['Deployment', []]);
  const pod = deployment!.spec.template.spec;
  expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(STOP_WITHIN_MS);
  expect(pod.containers[0]).toMatchObject({ args: ['worker'] });
  expect(pod.containers[0].envFrom).toEqual(
    manifests('offhook.yaml')[0]!.spec.template.spec.containers[0].envFrom,
  );
});

test('the proxy of compose.yaml knows every machine, and asks whether they are ready', () => {
  const { OFFHOOK_MACHINES = '' } = compose.services['proxy']!.environment!;
  expect(OFFHOOK_MACHINES.split(' ')).toEqual(machines.map(([name]) => `${name}:8000`));
  expect(read('Caddyfile')).toContain(`health_uri ${READINESS_ROUTES.ready.path}\n`);
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly scaleTargetRef?: { readonly kind: string; readonly name: string };
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[];
  };
}
interface Probe {
  readonly httpGet: { readonly path: string };
}
interface Container {
  readonly envFrom: readonly object[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly volumeMounts: readonly { readonly name: string }[];
}

function manifests(file: string): Manifest[] {
  return parseAllDocuments(read(`kubernetes/${file}`)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

test('the Kubernetes files name routes, commands and settings that exist, and each other', () => {
  const all = manifests('offhook.yaml');
  expect(all.map(({ kind }) => kind)).toEqual(['StatefulSet', 'Service', 'Service', 'PodDisruptionBudget']);
  const { spec, metadata } = all[0]!;
  const pod = spec.template.spec;
  const [container] = pod.containers;
  expect(container.readinessProbe.httpGet.path).toBe(READINESS_ROUTES.ready.path);
  expect(container.livenessProbe.httpGet.path).toBe('/health');
  expect(container.lifecycle.preStop.exec.command).toEqual(['node', 'bin/offhook.mjs', 'drain', '--wait']);
  expect(container.env.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  const drainSeconds = Number(container.env.find(({ name }) => name === 'DRAIN_SECONDS')!.value);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(drainSeconds + 10);
  const volumes = [
    ...pod.volumes.map(({ name }) => name),
    ...spec.volumeClaimTemplates.map(({ metadata: { name } }) => name),
  ];
  for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
  for (const file of ['autoscaling-hpa.yaml', 'autoscaling-keda.yaml'])
    expect(manifests(file)[0]!.spec.scaleTargetRef).toMatchObject({
      kind: 'StatefulSet',
      name: metadata.name,
    });
});
