import { PassiveAnswerer } from './answerer.ts';

/** An operator answers: the product says nothing by itself. The texts reach the conversation for the assistant's return. */
export class OperatorAnswerer extends PassiveAnswerer {
  readonly state = 'operator';
}
