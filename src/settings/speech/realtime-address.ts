import { z } from 'zod';
import { type ServiceAddress, serviceAddress } from '../service-address.ts';
import type { ValueType } from '../value-types.ts';

/**
 * The address of a Realtime server. The value is written with http, as that of every other service: the server's list of models
 * is there, and proxies are chosen by it.
 */
export const realtimeAddress: ValueType<ServiceAddress> = {
  accepts: 'an address like wss://example.com/v1 or ws://localhost:8000/v1, without user name and model',
  schema: z
    .string()
    .regex(/^wss?:\/\//i)
    .transform((address) => address.replace(/^ws/i, 'http').replace(/\/realtime\/?$/, ''))
    .pipe(serviceAddress.schema),
};
