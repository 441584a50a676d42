import type { ServiceSettings } from '../../../settings/settings.ts';
import type { ConversationConfiguration } from './conversation-messages.ts';

/** A Realtime server and what its sessions are told. */
export type ConversationSettings = ServiceSettings & ConversationConfiguration;
