// A table of runs. Every text of the store reaches the page through textContent.

const REMINDER = 5000; // milliseconds until the kernel is told again that somebody watches

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Numbers before texts, and what is missing always last.
function compare(a, b, direction) {
  if (a.text === '' || b.text === '') return (a.text === '') - (b.text === '');
  if (a.number !== null && b.number !== null) return direction * (a.number - b.number);
  if (a.number !== null || b.number !== null) return a.number !== null ? -1 : 1;
  return direction * a.text.localeCompare(b.text);
}

function render({ model, el }) {
  let sorting = null; // {column, direction}

  function sortBy(column) {
    const again = sorting?.column === column;
    sorting = { column, direction: again ? -sorting.direction : 1 };
    draw();
    el.querySelectorAll('th button')[column].focus();
  }

  function toggle(runId) {
    const selected = new Set(model.get('selected'));
    if (!selected.delete(runId)) selected.add(runId);
    model.set('selected', [...selected]);
    model.save_changes();
  }

  function heading(column, index) {
    const direction = sorting?.column === index ? sorting.direction : 0;
    const order = { 1: 'ascending', 0: 'none', [-1]: 'descending' }[direction];
    const cell = element('th', undefined, {
      scope: 'col',
      'aria-sort': order,
      class: column.kind
    });
    const arrow = { 1: ' ▲', 0: '', [-1]: ' ▼' }[direction];
    const button = element('button', column.title + arrow, { type: 'button' });
    button.title = column.kind === 'run' ? 'Sort' : `Sort by the ${column.kind} ${column.title}`;
    button.addEventListener('click', () => sortBy(index));
    cell.append(button);
    return cell;
  }

  function rowOf(run) {
    const selected = model.get('selected').includes(run.run_id);
    const row = element('tr', undefined, { 'data-run': run.run_id });
    row.classList.toggle('selected', selected);
    const box = element('input', undefined, { type: 'checkbox' });
    box.checked = selected;
    box.setAttribute('aria-label', `Show the run ${run.cells[0].text} in the chart`);
    row.append(element('td'), ...run.cells.map(cell => element('td', cell.text)));
    row.firstChild.append(box);
    row.addEventListener('click', () => toggle(run.run_id));
    return row;
  }

  function draw() {
    const rows = [...model.get('rows')];
    if (sorting) {
      const { column, direction } = sorting;
      rows.sort((a, b) => compare(a.cells[column], b.cells[column], direction));
    }
    const head = element('tr');
    head.append(element('th', undefined, { 'aria-label': 'In the chart' }));
    head.append(...model.get('columns').map(heading));
    const table = element('table', undefined, { class: 'nbtrail-runs-table' });
    table.append(element('thead'), element('tbody'));
    table.tHead.append(head);
    table.tBodies[0].append(...rows.map(rowOf));
    place.replaceChildren(table);
  }

  function showSelection() {
    const active = document.activeElement;
    const runId = el.contains(active) ? active.closest('tr')?.dataset.run : undefined;
    draw();
    if (runId) el.querySelector(`tr[data-run="${CSS.escape(runId)}"] input`).focus();
  }

  function filterBox() {
    const example = "metrics.accuracy > 0.9 and params.C = '0.1'";
    const box = element('input', undefined, {
      type: 'search',
      placeholder: example
    });
    box.setAttribute('aria-label', 'Filter');
    const apply = () => {
      model.set('filter', box.value);
      model.save_changes();
    };
    box.addEventListener('change', apply);
    box.addEventListener('keydown', event => event.key === 'Enter' && apply());
    return box;
  }

  function showFilter() {
    box.value = model.get('filter');
  }

  function showMessage() {
    message.textContent = model.get('message');
    box.setAttribute('aria-invalid', String(message.textContent !== ''));
  }

  // The kernel follows what is recorded while somebody watches, which it is told again and again:
  // a page that is gone says nothing. A busy kernel has one such message waiting, not hundreds.
  let visible = false;
  let watched = false;
  let timer;

  function tell() {
    clearTimeout(timer);
    const now = visible && !document.hidden;
    if (now || watched) model.send({ watched: now });
    watched = now;
  }

  function remind() {
    clearTimeout(timer);
    if (watched) timer = setTimeout(tell, REMINDER);
  }

  const watcher = new IntersectionObserver(entries => {
    visible = entries.at(-1).isIntersecting;
    tell();
  });

  // The plain table, which a notebook without a kernel shows, is an output beside this one.
  function showStill(shown) {
    const still = model.get('still') && document.querySelector(`.${model.get('still')}`);
    if (!still) return;
    const output = still.closest('.jp-OutputArea-child') ?? still;
    output.style.display = shown ? '' : 'none';
  }

  el.setAttribute('data-lm-suppress-shortcuts', 'true'); // Enter is the filter's, not JupyterLab's
  const box = filterBox();
  const message = element('div', undefined, {
    role: 'alert',
    class: 'nbtrail-runs-message'
  });
  const place = element('div', undefined, { class: 'nbtrail-runs' });
  el.replaceChildren(box, message, place);
  el.classList.add('nbtrail-runs-view');
  model.on('change:rows', showSelection);
  model.on('change:selected', showSelection);
  model.on('change:filter', showFilter);
  model.on('change:message', showMessage);
  model.on('msg:custom', remind);
  document.addEventListener('visibilitychange', tell);
  showFilter();
  showMessage();
  draw();
  watcher.observe(el);
  showStill(false);

  return () => {
    visible = false;
    tell();
    watcher.disconnect();
    document.removeEventListener('visibilitychange', tell);
    showStill(true);
  };
}

export default { render };
