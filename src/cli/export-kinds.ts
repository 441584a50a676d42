/** The output formats of an export. */
export const EXPORT_KINDS = ['zip', 'jsonl'] as const;

export interface ExportOptions {
  /** Epoch milliseconds: `from` is inclusive, `before` is exclusive. */
  readonly from?: number;
  readonly before?: number;
  readonly as: (typeof EXPORT_KINDS)[number];
  /** `-`: stdout. */
  readonly out?: string;
}
