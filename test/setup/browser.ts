import { requireTools } from './require-tools.ts';

export default function setup(): void {
  requireTools('browser');
}
