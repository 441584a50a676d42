import type { TextAnchor } from '../../events/call-events.ts';

/** A text and its audio; between two anchors its characters have equal shares of the time. */
export interface TextInAudio {
  readonly characters: number;
  readonly samples: number;
  /** In order; none has to be given. */
  readonly anchors: readonly TextAnchor[];
}

/** The place of the text that is being spoken at this sample, in characters. */
export function characterAtSample(sample: number, place: TextInAudio): number {
  const [before, after] = around(place, (anchor) => anchor.sample > sample);
  const share = (sample - before.sample) / Math.max(1, after.sample - before.sample);
  return before.character + share * (after.character - before.character);
}

/** The sample at which this place of the text is spoken. */
export function sampleAtCharacter(character: number, place: TextInAudio): number {
  const [before, after] = around(place, (anchor) => anchor.character > character);
  const share = (character - before.character) / Math.max(1, after.character - before.character);
  return before.sample + share * (after.sample - before.sample);
}

/** The anchors of the rest of a text from a place on, from which it is counted. */
export function anchorsFrom(anchors: readonly TextAnchor[], from: TextAnchor): TextAnchor[] {
  return anchors
    .map(({ character, sample }) => ({
      character: character - from.character,
      sample: sample - from.sample,
    }))
    .filter(({ character, sample }) => character > 0 && sample > 0);
}

/** The last anchor before the place, and the first one after it. */
function around(
  { characters, samples, anchors }: TextInAudio,
  isAfter: (anchor: TextAnchor) => boolean,
): readonly [TextAnchor, TextAnchor] {
  const all = [{ character: 0, sample: 0 }, ...anchors, { character: characters, sample: samples }];
  const next = all.slice(1).findIndex(isAfter);
  const index = next < 0 ? all.length - 1 : next + 1;
  return [all[index - 1]!, all[index]!];
}
