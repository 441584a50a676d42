import { randomBytes } from 'node:crypto';
import { isPrivate } from '../../settings/check.ts';
import type { AccountNumber, NumberRouting } from '../../telephony/twilio/phone-numbers.ts';
import { printLine } from '../terminal/console.ts';
import { changesBetween, describeChange, overridingSid, type RoutingChange } from './number/routing-plan.ts';
import type { DraftSettings } from './draft-settings.ts';
import type { SetupRun } from './setup-run.ts';

/** What the setup changes. */
export interface SetupPlan {
  readonly env: ReadonlyMap<string, string>;
  readonly number?: AccountNumber | undefined;
  readonly routing: readonly RoutingChange[];
}

const SECRET_BYTES = 18;

/** A password for the pages and a token for programs, where none is set. Returns the names of the new ones. */
export function generateSecrets(draft: DraftSettings): string[] {
  const missing = (['ADMIN_PASSWORD', 'API_TOKEN'] as const).filter(
    (name) => draft.value(name) === undefined,
  );
  for (const name of missing) draft.set(name, randomBytes(SECRET_BYTES).toString('base64url'));
  return missing;
}

/** The changes of a number, if Twilio will use them: with a SIP trunk or an application it ignores its addresses. */
export async function routingChanges(
  { commandLine, dialogue, report }: SetupRun,
  number: AccountNumber,
  wanted: NumberRouting,
): Promise<readonly RoutingChange[] | undefined> {
  const overriding = overridingSid(number);
  if (overriding !== undefined && !commandLine.detach) {
    const found = `${number.phoneNumber} belongs to ${overriding}: Twilio ignores the voice URL`;
    const question = `${found}. Remove it from there? \`offhook setup --undo\` restores it.`;
    if (!(await dialogue.confirm(question, false))) {
      report.fail('number', found, 'remove it from there with --detach, or choose another number');
      return undefined;
    }
  }
  if (overriding !== undefined) report.warn('number', `${number.phoneNumber} is removed from ${overriding}`);
  return changesBetween(number.routing, wanted);
}

/** Prints what is changed; keys are not shown. */
export function printPlan(draft: DraftSettings, plan: SetupPlan, tense: 'changes' | 'would change'): void {
  if (plan.env.size === 0) printLine(`.env: nothing ${tense === 'changes' ? 'changes' : 'would change'}`);
  else printLine(`.env ${tense}:`);
  for (const [name, text] of plan.env) {
    const before = draft.written(name);
    const shown = (value: string): string => (isPrivate(name) ? '(hidden)' : value);
    printLine(`  ${name}: ${before === undefined ? '(none)' : shown(before)} → ${shown(text)}`);
  }
  const { number, routing } = plan;
  if (!number) return;
  printLine(
    routing.length === 0
      ? `${number.phoneNumber} at Twilio: nothing ${tense === 'changes' ? 'changes' : 'would change'}`
      : `${number.phoneNumber} at Twilio ${tense}:`,
  );
  for (const change of routing) printLine(`  ${describeChange(change)}`);
}
