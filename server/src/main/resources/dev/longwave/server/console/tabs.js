// The tabs of the page. The chosen one is in the URL, so that it can be linked to.

/**
 * Shows one panel at a time.
 *
 * @param list the element with the role tablist
 * @param onShow called with a panel's ID each time that it is shown
 */
export function tabs(list, onShow) {
  const all = [...list.querySelectorAll('[role=tab]')];
  const panel = tab => document.getElementById(tab.getAttribute('aria-controls'));

  function show(chosen) {
    for (const tab of all) {
      tab.ariaSelected = tab === chosen;
      tab.tabIndex = tab === chosen ? 0 : -1;
      panel(tab).hidden = tab !== chosen;
    }
    onShow(panel(chosen).id);
  }

  function choose(tab) {
    history.replaceState(null, '', `#${panel(tab).id}`);
    show(tab);
    tab.focus();
  }

  list.addEventListener('click', event => {
    const tab = event.target.closest('[role=tab]');
    if (tab) choose(tab);
  });
  list.addEventListener('keydown', event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) choose(all.at((all.indexOf(document.activeElement) + step) % all.length));
  });
  const named = () => all.find(tab => `#${panel(tab).id}` === location.hash) ?? all[0];
  addEventListener('hashchange', () => show(named()));
  show(named());
}
