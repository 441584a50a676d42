/** A newer version of offhook wrote the database. */
export class NewerCatalogue extends Error {
  override readonly name = 'NewerCatalogue';
}
