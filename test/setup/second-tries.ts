import type { Reporter, TestCase } from 'vitest/node';

/** Names each test that failed and passed when it was repeated, with the first error: `.ci/run` lists these lines at its end. */
export default class SecondTries implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    const repeated = test.diagnostic()?.flaky === true;
    if (state !== 'passed' || !repeated) return;
    const place = `${test.project.name}  ${test.module.relativeModuleId} > ${test.fullName}`;
    process.stdout.write(` SECOND TRY  ${place}: ${errors?.[0]?.message.split('\n')[0] ?? 'no error'}\n`);
  }
}
