import { RedisScript } from '../redis-script.ts';

/**
 * KEYS: call. ARGV: machine, expected owner, expected fence, seconds, job or nothing. The new fence; 0: another machine was first. A machine that takes
 * a call outside of its job ends the job, and the machine that had the call may have a journal of it (`moved`).
 */
export const TAKE = new RedisScript(`
  local owner = redis.call('HGET', KEYS[1], 'owner') or ''
  local fence = redis.call('HGET', KEYS[1], 'fence') or '0'
  if owner ~= ARGV[2] or fence ~= ARGV[3] or redis.call('HEXISTS', KEYS[1], 'done') == 1 then return 0 end
  if ARGV[5] ~= '' and redis.call('HGET', KEYS[1], 'job') ~= ARGV[5] then return 0 end
  local time = redis.call('TIME')
  local new = fence == '0' and time[1] * 1000000 + time[2] or fence + 1
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fence', string.format('%.0f', new))
  if ARGV[5] == '' then redis.call('HDEL', KEYS[1], 'job') end
  if ARGV[5] == '' and fence ~= '0' then redis.call('HSET', KEYS[1], 'moved', '1') end
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  return new`);

/** KEYS: call. ARGV: fence, seconds, seconds if the call was moved. The files of a call that still is ours are complete. */
export const DONE = new RedisScript(`
  if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'done', '1')
  redis.call('EXPIRE', KEYS[1], redis.call('HEXISTS', KEYS[1], 'moved') == 1 and ARGV[3] or ARGV[2])
  return 1`);

/** KEYS: call. ARGV: fence, field, value, seconds. Sets a field of a call that still is ours. */
export const SET_IF_OURS = new RedisScript(`
  if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  return 1`);

/** KEYS: call. ARGV: fence. Ends the job of a call that still is ours, and releases the call. */
export const WITHDRAW = new RedisScript(`
  if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
  redis.call('HDEL', KEYS[1], 'job')
  redis.call('HSET', KEYS[1], 'owner', '')
  return 1`);

/** KEYS: call. ARGV: fence. */
export const DROP = new RedisScript(`
  if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
  return redis.call('DEL', KEYS[1])`);

/**
 * KEYS: call, journal. ARGV: machine, fence, seconds. Writes what Redis has lost. 1: the call is ours, 2: it was written. A machine that did
 * not know that it had lost the call may have written its earlier fence and its journal first: the later fence counts. Whether the call was moved is not known any more.
 */
export const RESTORE = new RedisScript(`
  local fence = redis.call('HGET', KEYS[1], 'fence')
  if fence and tonumber(fence) >= tonumber(ARGV[2]) then return fence == ARGV[2] and 1 or 0 end
  if fence then redis.call('UNLINK', KEYS[2]) end
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fence', ARGV[2], 'moved', '1')
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 2`);

/** KEYS: call. ARGV: machine, fence, seconds. Writes that the call's files are complete, which Redis has lost. */
export const RESTORE_DONE = new RedisScript(`
  if tonumber(redis.call('HGET', KEYS[1], 'fence') or '0') > tonumber(ARGV[2]) then return 0 end
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fence', ARGV[2], 'done', '1')
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 1`);
