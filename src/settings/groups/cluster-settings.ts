import { z } from 'zod';
import { redisAddress } from '../addresses/redis-address.ts';
import { line, type ValueType, yesOrNo } from '../value-types.ts';

const PREFIX = /^[\w.:-]{1,40}$/;

const keyPrefix: ValueType<string> = {
  accepts: 'at most 40 letters, digits and the characters . : _ -',
  schema: z.string().regex(PREFIX),
};

/** Several machines as one telephone system. */
export const CLUSTER_SETTINGS = {
  'Several machines': {
    REDIS_URL: {
      type: redisAddress,
      default: null,
      help: 'Redis or Valkey, by which several machines behind one host name are one telephone system: every machine shows all calls, any machine serves any request, and when a machine fails another one continues its calls. They also need one DATABASE_URL, one RECORDINGS_STORE and the same settings. Version 6.2 or later, or Valkey; over TLS, NODE_EXTRA_CA_CERTS names the file with a certificate authority of your own. Default: this machine is alone.',
    },
    REDIS_PREFIX: {
      type: keyPrefix,
      default: 'offhook',
      help: 'The beginning of all keys and channels in Redis: one for each installation that uses the same database.',
    },
    MACHINE_NAME: {
      type: line,
      default: null,
      help: 'How this machine is called at the desk and in logs; default: its host name. Two machines may have the same name.',
    },
    SHARED_FINALIZATION: {
      type: yesOrNo,
      default: 'false',
      help: 'With REDIS_URL: the files of an ended call are written by any machine or `offhook worker`, as a job. Needs one RECORDINGS_STORE, one database server and a transcriber. New, and best with a Redis that keeps its data; otherwise each machine writes the files of its own calls.',
    },
  },
} as const;
