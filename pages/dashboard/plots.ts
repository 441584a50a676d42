import type { DailyStatistics } from '../../src/api/daily-statistics.ts';
import { Chart, type Series } from './chart.ts';

export interface Plot {
  readonly title: string;
  readonly note: string;
  readonly chart: Chart;
}

/** In the colours of the bars on the page of a call. */
const STEPS = [
  ['Turn over', '--faint', 'decidedMs'],
  ['Text', '--caller', 'textMs'],
  ['Reply', '--assistant', 'tokenMs'],
  ['Voice', '--go', 'audioMs'],
  ['Heard', '--stop', 'heardMs'],
] as const;

/** The plots of the last days. */
export function plotsOf(days: readonly DailyStatistics[]): Plot[] {
  const of = (pick: (day: DailyStatistics) => number | null) => days.map(pick);
  const plot = (title: string, note: string, ...series: Series[]): Plot => ({
    ...{ title, note },
    chart: new Chart(
      days.map(({ day }) => day),
      series,
    ),
  });
  return [
    plot('Calls per day', 'Number of calls that began.', {
      ...{ name: 'Calls', colour: '--caller', kind: 'bars', values: of(({ calls }) => calls) },
    }),
    plot('Minutes per day', 'Total duration.', {
      ...{ name: 'Minutes', colour: '--assistant', kind: 'bars', values: of(({ minutes }) => minutes) },
    }),
    plot(
      'Wait for an answer, in milliseconds',
      'From the end of the caller’s words to the first sound of the reply: median and 95th percentile.',
      { name: 'Median', colour: '--go', kind: 'line', values: of(({ answerMsP50 }) => answerMsP50) },
      {
        name: '95th percentile',
        colour: '--operator',
        kind: 'line',
        values: of(({ answerMsP95 }) => answerMsP95),
      },
    ),
    plot(
      'Steps of a reply, in milliseconds',
      'From the caller’s last word until the turn was over, its text was there, the reply began, its voice began, and it was heard: medians.',
      ...STEPS.map(([name, colour, step]): Series => ({
        ...{ name, colour, kind: 'line' },
        values: of(({ replyStepsP50 }) => replyStepsP50[step]),
      })),
    ),
    plot('Interruptions per day', 'How often callers spoke over a reply.', {
      ...{
        name: 'Interruptions',
        colour: '--operator',
        kind: 'bars',
        values: of(({ bargeIns }) => bargeIns),
      },
    }),
    plot(
      'Wait for silence, in milliseconds',
      'From the caller’s first sound over a reply to the moment the reply fell silent on the phone: median and 95th percentile.',
      { name: 'Median', colour: '--go', kind: 'line', values: of(({ bargeInMsP50 }) => bargeInMsP50) },
      {
        name: '95th percentile',
        colour: '--operator',
        kind: 'line',
        values: of(({ bargeInMsP95 }) => bargeInMsP95),
      },
    ),
    plot(
      'Failures per day',
      'Calls that an internal error or a crash ended, and requests of services that failed during calls.',
      { name: 'Failed calls', colour: '--stop', kind: 'bars', values: of(({ failed }) => failed) },
      {
        name: 'Service failures',
        colour: '--operator',
        kind: 'line',
        values: of(({ serviceFailures }) => serviceFailures),
      },
    ),
  ];
}
