import { call, key, Refused } from '/ui/server.js';
import { speak, t } from '/ui/words.js';

const field = document.getElementById('key');
const fault = document.getElementById('key-fault');
speak(() => (fault.textContent = ''));

/** Goes on to the page where the key, or no key, opens the API. */
async function enter(candidate) {
  await call('/api/list', null, candidate);
  if (candidate) {
    key.set(candidate);
  }
  location.replace('/ui/manager');
}

document.getElementById('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  fault.textContent = '';
  field.removeAttribute('aria-invalid');
  try {
    await enter(field.value.trim());
  } catch (e) {
    field.setAttribute('aria-invalid', 'true');
    if (e instanceof Refused) {
      fault.textContent = e.status === 401 ? t('login.wrong') : e.message || t('odd', e.status);
    } else {
      // A key with letters that no header can carry fails before anything is sent.
      fault.textContent = /^[\x20-\x7e]*$/.test(field.value) ? t('offline') : t('login.wrong');
    }
    field.select();
  }
});

// A server that asks for no key needs no login.
enter('').catch(() => field.focus());
