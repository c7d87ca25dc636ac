import { ask } from './api.js';
import { find, make, startList } from './parts.js';

export function startFiles() {
  const { change, refresh } = startList('files', load, row);
  const drop = document.querySelector('.drop');
  let most = Infinity;

  async function load() {
    const { files, store, max_upload_bytes: bytes } = await ask('GET', '/api/files');
    most = bytes;
    find('most').textContent = `up to ${size(most)}`;
    return { things: files, store };
  }

  function row(file) {
    const path = `/api/files/${encodeURIComponent(file.name)}`;
    const link = make('a', { href: path, textContent: file.name, download: file.name });
    const remove = make('button', { type: 'button', className: 'remove', textContent: '×' });
    remove.setAttribute('aria-label', `Remove ${file.name}`);
    remove.addEventListener('click', () => change(() => ask('DELETE', path)));
    return make('li', {}, link, make('span', { className: 'quiet', textContent: size(file.size) }), remove);
  }

  async function upload(file) {
    find('sending').hidden = false;
    await change(async () => {
      if (file.size > most) throw new Error(`${file.name} has ${size(file.size)}, and ${size(most)} is the most`);
      const type = file.type || 'application/octet-stream';
      await ask('PUT', `/api/files/${encodeURIComponent(file.name)}`, file, { 'content-type': type });
    });
    find('sending').hidden = true;
  }

  find('file').addEventListener('change', (event) => {
    const [file] = event.target.files;
    if (file) upload(file);
    event.target.value = '';
  });
  for (const kind of ['dragover', 'dragleave', 'drop']) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle('over', kind === 'dragover');
      if (kind === 'drop' && event.dataTransfer.files[0]) upload(event.dataTransfer.files[0]);
    });
  }

  refresh();
}

// Rounded up: what is a byte over the most must not look like the most.
function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, 'KB'] : [bytes / 1024 ** 2, 'MB'];
  return `${Math.ceil(value * 10) / 10} ${unit}`;
}
