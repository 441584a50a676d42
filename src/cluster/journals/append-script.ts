import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { RedisScript } from '../redis-script.ts';

/** Longer than any call and than its journal is kept (`PENDING_DAYS`). */
const KEPT_SECONDS = 31 * 86_400;

/** A part of a call's journal. */
export interface Portion {
  readonly callSid: string;
  readonly fence: number;
  /** The place of `bytes` in the journal. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * What became of a portion. A number: the journal in Redis has that many bytes, and the next portion begins there. `fenced`: another
 * machine has the call. `unknown`: Redis has nothing of the call, or a claim that is
 * older than ours, because it has lost its data. Else the error of Redis.
 */
export type AppendResult = number | 'fenced' | 'unknown' | { readonly error: string };

/** The fields of a stream's entries: place in the journal, and bytes. */
export const OFFSET_FIELD = 'offset';
export const BYTES_FIELD = 'bytes';
/** The fields of a call's hash: the journal's length, and the fence of the machine that wrote the last entry. */
const LENGTH_FIELD = 'journalBytes';
const WRITER_FIELD = 'journalFence';

/**
 * KEYS: hash and stream of each call. ARGV: fence, offset and bytes of each. A portion that does not begin at the journal's end is refused with the
 * length, so that nothing is missing and nothing is there twice; an empty one asks for the length. Only the first portion after a change of hands may begin earlier:
 * the journal of the new machine ends before an incomplete record.
 */
const APPEND = new RedisScript(`
  local results = {}
  for each = 1, #KEYS / 2 do
    local call, stream = KEYS[2 * each - 1], KEYS[2 * each]
    local fence, offset, bytes = ARGV[3 * each - 2], tonumber(ARGV[3 * each - 1]), ARGV[3 * each]
    local state = redis.pcall('HMGET', call, 'fence', '${WRITER_FIELD}', '${LENGTH_FIELD}')
    if state.err then results[each] = 'error ' .. state.err
    elseif not state[1] or tonumber(state[1]) < tonumber(fence) then results[each] = 'unknown'
    elseif state[1] ~= fence then results[each] = 'fenced'
    else
      local exists = redis.call('EXISTS', stream) == 1
      local length = exists and tonumber(state[3] or 0) or 0
      if offset > length or (offset < length and state[2] == fence) then results[each] = length
      elseif bytes == '' then results[each] = offset
      else
        local added = redis.pcall('XADD', stream, '*', '${OFFSET_FIELD}', ARGV[3 * each - 1], '${BYTES_FIELD}', bytes)
        if type(added) == 'table' and added.err then results[each] = 'error ' .. added.err
        else
          if not exists then redis.call('EXPIRE', stream, ${KEPT_SECONDS}) end
          results[each] = offset + #bytes
          redis.call('HSET', call, '${WRITER_FIELD}', fence, '${LENGTH_FIELD}', offset + #bytes)
        end
      end
    end
  end
  return results`);

/** KEYS: hash and stream of a call. ARGV: fence. 0: another machine has the call. A call of which Redis has nothing has no owner. */
const REMOVE = new RedisScript(`
  local fence = redis.call('HGET', KEYS[1], 'fence')
  if fence and fence ~= ARGV[1] then return 0 end
  redis.call('UNLINK', KEYS[2])
  redis.call('HDEL', KEYS[1], '${WRITER_FIELD}', '${LENGTH_FIELD}')
  return 1`);

/** Appends portions of several calls, in a cluster of one call. Resolves with the result of each. Rejects if Redis does not answer. */
export async function appendPortions(
  client: RedisClient,
  keys: RedisKeys,
  portions: readonly Portion[],
): Promise<AppendResult[]> {
  const names = portions.flatMap(({ callSid }) => [keys.call(callSid), keys.journal(callSid)]);
  const values = portions.flatMap(({ fence, offset, bytes }) => [fence, offset, bytes]);
  const results = (await APPEND.run(client, names, values)) as readonly (number | string)[];
  return results.map(resultOf);
}

function resultOf(result: number | string): AppendResult {
  if (typeof result === 'number' || result === 'fenced' || result === 'unknown') return result;
  return { error: result.replace(/^error /, '') };
}

/** Removes a call's journal. False: another machine has the call. */
export async function removeJournal(
  client: RedisClient,
  keys: RedisKeys,
  call: { readonly callSid: string; readonly fence: number },
): Promise<boolean> {
  const names = [keys.call(call.callSid), keys.journal(call.callSid)];
  return (await REMOVE.run(client, names, [call.fence])) === 1;
}
