import { ask, send } from './api.js';
import { find, make, startList } from './parts.js';

export function startTasks() {
  const { change, refresh } = startList('tasks', load, row);

  async function load() {
    const { tasks, store } = await ask('GET', '/api/tasks');
    return { things: tasks, store };
  }

  function row(task) {
    const path = `/api/tasks/${task.id}`;
    const done = make('input', { type: 'checkbox', checked: task.done, id: `task-${task.id}` });
    done.addEventListener('change', () => change(() => send('PATCH', path, { done: done.checked })));
    const label = make('label', { htmlFor: done.id, textContent: task.title });
    const remove = make('button', { type: 'button', className: 'remove', textContent: '×' });
    remove.setAttribute('aria-label', `Remove ${task.title}`);
    remove.addEventListener('click', () => change(() => ask('DELETE', path)));
    return make('li', { className: task.done ? 'done' : '' }, done, label, remove);
  }

  find('new-task').addEventListener('submit', (event) => {
    event.preventDefault();
    const input = find('title');
    change(async () => {
      await send('POST', '/api/tasks', { title: input.value });
      input.value = '';
    });
  });

  refresh();
}
