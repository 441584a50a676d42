import { z } from 'zod';
import { FORM_TYPE, JSON_TYPE, route, type RouteDefinition } from '../route.ts';

const MAX_BODY_BYTES = 4 * 1024;

export const loginBody = z.strictObject({
  password: z.string().min(1, 'must not be empty').max(1_000, 'may be at most 1,000 characters long'),
});

export const LOGIN_ROUTES = {
  session: route({
    method: 'get',
    path: '/api/session',
    tag: 'Login',
    access: 'open',
    summary: 'Whether this browser is admitted, and if not, why',
    responses: { 200: ['`admitted`, `why` or `reason`, `loginPossible`', JSON_TYPE] },
  }),
  logIn: route({
    method: 'post',
    path: '/login',
    tag: 'Login',
    access: 'open',
    summary: 'Logs this browser in',
    body: { types: [JSON_TYPE, FORM_TYPE], schema: loginBody, maxBytes: MAX_BODY_BYTES },
    responses: {
      204: ['Logged in; the response sets a cookie'],
      401: ['The password is wrong'],
      409: ['ADMIN_PASSWORD is not set'],
      429: ['Too many attempts'],
      503: ['Too many passwords wait to be checked'],
    },
  }),
  logOut: route({
    method: 'post',
    path: '/logout',
    tag: 'Login',
    access: 'open',
    summary: 'Logs this browser out',
    responses: { 204: ['Logged out'] },
  }),
} as const satisfies Record<string, RouteDefinition>;
