/** Built files of Swagger UI. The package has no types. */
declare module 'swagger-ui-dist' {
  /** The folder they lie in. */
  export function absolutePath(): string;
}
