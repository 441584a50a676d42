import { AUDIO_FORMAT_ROUTES } from '../../api/audio-formats-router.ts';
import { CALL_ROUTES } from '../../api/call-routes.ts';
import { HEALTH_ROUTES } from '../../api/health-router.ts';
import { READINESS_ROUTES } from '../../api/readiness-router.ts';
import { STATISTICS_ROUTES } from '../../api/statistics-router.ts';
import { LOGIN_ROUTES } from '../../http/auth/login-routes.ts';
import { PAGE_ROUTES } from '../../http/pages.ts';
import type { RouteDefinition } from '../../http/route.ts';
import { MICROPHONE_ROUTES } from '../../microphone/microphone-routes.ts';
import { BROWSER_ROUTES } from '../../telephony/browser-gateway.ts';
import { WEBHOOK_ROUTES } from '../../telephony/twilio/webhook-routes.ts';
import { METRICS_ROUTES } from '../metrics/metrics-router.ts';
import { OPENAPI_ROUTES } from './openapi-router.ts';

/** Every route of the server, in the order of the documentation. */
export const ALL_ROUTES: readonly RouteDefinition[] = [
  ...Object.values(CALL_ROUTES),
  ...Object.values(STATISTICS_ROUTES),
  ...Object.values(AUDIO_FORMAT_ROUTES),
  ...Object.values(WEBHOOK_ROUTES),
  ...Object.values(BROWSER_ROUTES),
  ...Object.values(MICROPHONE_ROUTES),
  ...Object.values(HEALTH_ROUTES),
  ...Object.values(READINESS_ROUTES),
  ...Object.values(METRICS_ROUTES),
  ...Object.values(LOGIN_ROUTES),
  ...Object.values(OPENAPI_ROUTES),
  ...PAGE_ROUTES,
];
