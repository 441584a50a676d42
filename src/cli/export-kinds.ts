/** How the calls of a period are written. */
export const EXPORT_KINDS = ['zip', 'jsonl'] as const;

export interface ExportOptions {
  /** Epoch milliseconds: included, and not included. */
  readonly from?: number;
  readonly before?: number;
  readonly as: (typeof EXPORT_KINDS)[number];
  /** `-`: stdout. */
  readonly out?: string;
}
