import { loadScript } from '../frame/load-script.ts';
import { at } from '../frame/root.ts';
import { onOtherColours } from '../frame/page-colour.ts';
// A bundle of its own with its licence comment: it is copied, not bundled again.
import bundle from 'swagger-ui-dist/swagger-ui-bundle.js?url';

declare global {
  var SwaggerUIBundle: ((options: object) => void) | undefined;
}

const nothing = () => () => null;
/** Our heading and introduction replace Swagger UI's own; there is one server. */
const withoutInfo = () => ({ wrapComponents: { InfoContainer: nothing, ServersContainer: nothing } });

/** Shows the routes in Swagger UI, with forms that send real requests. The browser adds the session's cookie. */
export async function showRoutes(container: HTMLElement): Promise<void> {
  await loadScript(bundle);
  new MutationObserver(() => labelControls(container)).observe(container, { childList: true, subtree: true });
  globalThis.SwaggerUIBundle?.({
    url: at('/openapi.json'),
    domNode: container,
    plugins: [withoutInfo],
    deepLinking: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: -1,
    // Otherwise the description is sent to a public service.
    validatorUrl: null,
  });
  followColours();
}

/** Swagger UI has the dark colours in a class of the root. */
function followColours(): void {
  const apply = (): void => {
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    document.documentElement.classList.toggle('dark-mode', dark);
  };
  apply();
  onOtherColours(apply);
}

/** Swagger UI gives no name to lists of choices, and the keyboard no way to scroll examples. */
function labelControls(container: HTMLElement): void {
  for (const select of container.querySelectorAll<HTMLElement>('[data-param-name] select:not([aria-label])'))
    select.ariaLabel = select.closest<HTMLElement>('[data-param-name]')!.dataset['paramName'] ?? '';
  for (const example of container.querySelectorAll<HTMLElement>('pre.microlight:not([tabindex])'))
    example.tabIndex = 0;
}
