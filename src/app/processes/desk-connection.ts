import type { DeskGateway } from '../../desk/desk-gateway.ts';
import type { Desk } from '../../desk/desk.ts';
import type { DeskState } from './process-calls.ts';
import type { CallProcessListener } from './supervised-process.ts';

/** The state of the desk, which is created after the calls, and of the desks of other machines. */
export function deskState(gateway: () => DeskGateway, elsewhere?: DeskState): DeskState {
  return {
    get isWatched() {
      return gateway().isWatched || elsewhere?.isWatched === true;
    },
    get hasAvailableOperator() {
      return gateway().desk.hasAvailableOperator || elsewhere?.hasAvailableOperator === true;
    },
  };
}

/** Passes what calls report to the desk. `ended`: gets the calls of a process that has ended. */
export function deskReports(
  gateway: () => DeskGateway,
  ended: CallProcessListener['ended'],
): CallProcessListener {
  const desk = (): Desk => gateway().desk;
  return {
    turns: (callSid, turns) => desk().changed(callSid, turns),
    sound: (...sound) => desk().sound(...sound),
    cut: (callSid) => desk().cut(callSid),
    listed: () => gateway().showCalls(),
    ended,
  };
}
