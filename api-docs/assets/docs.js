// Starts Swagger UI with /openapi.json, and changes what its options cannot: links to problems, the filter, defaults
// of optional parameters, the colour scheme and accessibility.

const container = document.getElementById('swagger-ui');

followColourScheme();
SwaggerUIBundle({
  domNode: container,
  url: '/openapi.json',
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [links, filterByOperation, optionalParametersStartEmpty, headersFolded],
  layout: 'BaseLayout',
  deepLinking: true,
  filter: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  // The page opens for reading; an operation is sent only after "Try it out" and "Execute".
  tryItOutEnabled: false,
  displayRequestDuration: true,
  // The token stays in the memory of the tab.
  persistAuthorization: false,
  validatorUrl: null,
  // A bundled theme whose colours all have enough contrast.
  syntaxHighlight: { theme: 'obsidian' },
});
mendAccessibility();
keepProblemInView();
window.addEventListener('hashchange', keepProblemInView);

/** Sets the class under which Swagger UI has its dark styles. */
function followColourScheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', apply);
  apply();
}

/**
 * Scrolls to the problem that `#CODE` names. Swagger UI renders above it piece by piece, so this repeats whenever the
 * height of Swagger UI changes, until the reader scrolls, clicks or types.
 */
function keepProblemInView() {
  const problem = document.querySelector('#reference :target');
  if (!problem) return;
  const observer = new ResizeObserver(() => problem.scrollIntoView());
  observer.observe(container);
  for (const event of ['wheel', 'touchstart', 'pointerdown', 'keydown']) {
    window.addEventListener(event, () => observer.disconnect(), { once: true, passive: true });
  }
}

/** A part of an address without its escapes; as it is where they are malformed. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Plugin: distinguishes links to operations (`#/orders/createOrder`) from links to the page (`#not_found`). */
function links() {
  return {
    // Swagger UI follows the address only when it starts.
    afterLoad({ layoutActions }) {
      window.addEventListener('hashchange', () => {
        const hash = decoded(location.hash);
        layoutActions.parseDeepLinkHash(hash);
        layoutActions.clearScrollTo();
        document.getElementById(`operations${hash.slice(1).replaceAll('/', '-')}`)?.scrollIntoView();
      });
    },
    statePlugins: {
      layout: {
        wrapActions: {
          parseDeepLinkHash: (original) => (hash) => original(hash.startsWith('#/') ? hash : ''),
        },
      },
    },
    wrapComponents: {
      // The path of an operation is a link inside a button, which assistive technology cannot reach: the button alone
      // sets the address, too.
      DeepLink: (Original, { React }) => (props) =>
        props.path.includes('/')
          ? React.createElement('span', null, props.text)
          : React.createElement(Original, props),
    },
  };
}

/** Plugin: the filter finds operations by method, path, summary and id, and not only whole tags. */
function filterByOperation() {
  const words = (operation) =>
    ['method', 'path', ['operation', 'summary'], ['operation', 'operationId']]
      .map((key) => operation.getIn([key].flat(), ''))
      .join(' ')
      .toLowerCase();
  return {
    fn: {
      opsFilter(tags, phrase) {
        const wanted = phrase.trim().toLowerCase();
        return tags
          .map((group, tag) =>
            tag.toLowerCase().includes(wanted)
              ? group
              : group.update('operations', (all) => all.filter((operation) => words(operation).includes(wanted))),
          )
          .filter((group) => group.get('operations').size > 0);
      },
    },
  };
}

/**
 * Plugin: optional parameters are sent only if the reader fills them in. Swagger UI fills every parameter with its
 * example, or with an invented object: "Execute" would send an `If-Match` that fails, and unwanted filters.
 */
function optionalParametersStartEmpty() {
  return {
    wrapComponents: {
      parameterRow: (Original, { React }) =>
        class extends React.Component {
          isUntouched() {
            const { pathMethod, rawParam, specSelectors } = this.props;
            const parameter = specSelectors.parameterWithMetaByIdentity(pathMethod, rawParam);
            return !rawParam.get('required') && parameter?.get('value') === undefined;
          }

          // Every value except undefined, even null, counts as the reader's. The first change is Swagger UI's own, and
          // becomes null.
          onChange = (parameter, value, isXml) =>
            this.props.onChange(parameter, this.isUntouched() ? null : value, isXml);

          componentDidMount() {
            if (this.isUntouched()) this.props.onChange(this.props.rawParam, null, false);
          }

          render() {
            return React.createElement(Original, { ...this.props, onChange: this.onChange });
          }
        },
    },
  };
}

/** Plugin: the headers of a response are folded, because nearly all responses have the same. */
function headersFolded() {
  return {
    wrapComponents: {
      headers: (Original, { React }) => (props) =>
        React.createElement(
          'details',
          null,
          React.createElement('summary', null, 'Headers'),
          React.createElement(Original, props),
        ),
    },
  };
}

/** Adds the names and roles that Swagger UI leaves out, whenever it renders. */
function mendAccessibility() {
  const set = (attribute, value) => (element) => element.setAttribute(attribute, value);
  const label = (text) => set('aria-label', text);
  const mends = {
    '.operation-filter-input': (input) => {
      input.placeholder = 'Filter operations';
      label('Filter operations by method, path or summary')(input);
    },
    '#servers': label('Server'),
    '.copy-to-clipboard button': label('Copy'),
    '.close-modal': label('Close'),
    '.examples-select-element': label('Example'),
    // A schema without a title.
    '.json-schema-2020-12-accordion:has(> .json-schema-2020-12-accordion__children:empty)': label('Schema'),
    '.body-param__text': label('Request body'),
    '#auth-bearer-value': label('Value'),
    // Their labels differ from the visible text.
    '.auth-btn-wrapper button[aria-label]': (button) => button.removeAttribute('aria-label'),
    'tr[data-param-name] :is(input, select, textarea):not([aria-label])': (field) =>
      label(field.closest('tr').dataset.paramName)(field),
    '.modal-ux': (dialog) => {
      set('role', 'dialog')(dialog);
      set('aria-modal', 'true')(dialog);
      label('Available authorizations')(dialog);
    },
    // They scroll, so the keyboard must reach them.
    'pre.microlight': set('tabindex', '0'),
    // Headings go from h1 to h3.
    ':is(h3, h4, h5, h6):not([aria-level])': (heading) =>
      set('aria-level', Number(heading.tagName[1]) - 1)(heading),
  };

  const mendAll = () => {
    for (const [selector, mend] of Object.entries(mends)) container.querySelectorAll(selector).forEach(mend);
  };
  new MutationObserver(mendAll).observe(container, { childList: true, characterData: true, subtree: true });

  window.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') container.querySelector('.close-modal')?.click();
  });
}

// Swagger UI opens every link of a description in a new tab, which has no token.
document.addEventListener('click', (event) => {
  event.target.closest?.('a[href^="/docs#"]')?.removeAttribute('target');
});
