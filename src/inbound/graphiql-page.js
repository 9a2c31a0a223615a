/**
 * Runs in the browser, between the script of GraphiQL and the call that draws it: corrects GraphiQL's tabs, and explains what to do about
 * a token that the gateway does not accept. graphiql.ts puts this file into the page.
 */

/** Longer than the 100 ms after which GraphiQL 5 has read which operation a tab has. */
const settleMs = 150;

/** @param draw Yoga's function, which draws GraphiQL. */
// biome-ignore lint/correctness/noUnusedVariables: graphiql.ts calls it
function openPage(draw, root, options) {
  const runAfterTab = deferRuns();
  const showHint = createHint();
  let shownTab = 0;
  draw(root, {
    ...options,
    // GraphiQL calls it also for each change in the tab, such as a response: over any transport.
    onTabChange({ tabs, activeTabIndex }) {
      if (activeTabIndex !== shownTab) runAfterTab();
      shownTab = activeTabIndex;
      showHint(tabs[activeTabIndex]?.response);
    },
  });
}

/** For a moment after a change of the tab, GraphiQL would run the operation of the earlier tab: it fails. The run waits for that moment. */
function deferRuns() {
  let changes = 0;
  let isWanted = false;
  const startsRun = ({ type, target, key, ctrlKey, metaKey }) =>
    type === 'click' ? target.closest?.('.graphiql-execute-button') : key === 'Enter' && (ctrlKey || metaKey);
  const defer = (event) => {
    if (changes === 0 || !startsRun(event)) return;
    event.preventDefault();
    event.stopPropagation();
    isWanted = true;
  };
  for (const type of ['click', 'keydown']) document.addEventListener(type, defer, true);

  return () => {
    changes += 1;
    isWanted = false;
    setTimeout(() => {
      changes -= 1;
      if (changes > 0 || !isWanted) return;
      isWanted = false;
      document.querySelector('.graphiql-execute-button')?.click();
    }, settleMs);
  };
}

/** Shown as long as the tab's response has an error that another token would not have. */
function createHint() {
  const hint = document.querySelector('#token-hint');
  const reason = hint.querySelector('p');
  let read;
  return (response) => {
    if (response === read) return;
    read = response;
    const message = tokenErrorIn(response);
    // As text: what is in a response is no part of the page.
    reason.textContent = message ?? '';
    hint.hidden = message === undefined;
  };
}

function tokenErrorIn(response) {
  // Most responses need not be parsed: they may be long.
  if (!/"(UNAUTHENTICATED|FORBIDDEN)"/.test(response ?? '')) return undefined;
  const { errors = [] } = JSON.parse(response);
  return errors.find(({ extensions }) => ['UNAUTHENTICATED', 'FORBIDDEN'].includes(extensions?.code))?.message;
}
