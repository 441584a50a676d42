import { whyNoNetwork } from '../support/test-network.ts';
import { requireTools } from './require-tools.ts';

export default function setup(): void {
  requireTools('realtime');
  const reason = whyNoNetwork();
  if (reason === undefined) return;
  process.stderr.write(
    `The realtime tests need network namespaces, a bridge and nftables: run them as root, in a container with CAP_NET_ADMIN and CAP_SYS_ADMIN. (${reason})\n`,
  );
  process.exit(1);
}
