import { proxyAddress, line } from '../value-types.ts';

/** Proxies for outgoing connections, under the names that most programs read; lower-case names count first. */
export const PROXY_SETTINGS = {
  'Outgoing connections': {
    HTTPS_PROXY: {
      type: proxyAddress,
      default: null,
      help: 'The proxy for https addresses: services, Twilio, object store and DynamoDB; this machine is always reached directly. `https_proxy` counts first.',
    },
    HTTP_PROXY: {
      type: proxyAddress,
      default: null,
      help: 'The proxy for http addresses. `http_proxy` counts first.',
    },
    ALL_PROXY: {
      type: proxyAddress,
      default: null,
      help: 'The proxy for all addresses without a separate one. `all_proxy` counts first.',
    },
    NO_PROXY: {
      type: line,
      default: null,
      help: 'Hosts that are reached without a proxy, separated by commas: a name with all its subdomains, an IP address, a network like 10.0.0.0/8, each with or without a port, or `*`. `no_proxy` counts first.',
    },
  },
} as const;
