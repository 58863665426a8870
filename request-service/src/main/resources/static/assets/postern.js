// Makes pages livelier; none of them needs it to work.
(() => {
  'use strict';

  const words = (seconds) => {
    const h = Math.floor(seconds / 3600);
    const m = Math.floor((seconds % 3600) / 60);
    const s = Math.floor(seconds % 60);
    const two = (n) => String(n).padStart(2, '0');
    return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  };

  const count = () => {
    for (const e of document.querySelectorAll('[data-countdown]')) {
      const left = (Date.parse(e.dateTime) - Date.now()) / 1000;
      e.textContent = left > 0 ? `in ${words(left)}` : 'now';
      e.classList.toggle('soon', left < 120);
    }
  };

  const local = (root) => {
    for (const e of root.querySelectorAll('time[data-local]')) {
      const at = new Date(e.dateTime);
      const sameDay = at.toDateString() === new Date().toDateString();
      e.textContent = sameDay
        ? at.toLocaleTimeString()
        : at.toLocaleString(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
    }
    for (const b of root.querySelectorAll('[data-copy]')) {
      b.hidden = !navigator.clipboard;
    }
    for (const slider of root.querySelectorAll('input[type=range][data-for]')) {
      const number = document.getElementById(slider.dataset.for);
      slider.hidden = false;
      slider.value = number.value;
      slider.oninput = () => { number.value = slider.value; };
      number.addEventListener('input', () => { slider.value = number.value; });
    }
    for (const all of root.querySelectorAll('input[type=checkbox][data-all]')) {
      all.hidden = false;
      all.onchange = () => {
        for (const one of all.form.querySelectorAll(`input[type=checkbox][name=${all.dataset.all}]`)) {
          one.checked = all.checked;
        }
      };
    }
    count();
  };

  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = 'Copied';
    }
  });

  // What somebody is typing into is not replaced under the fingers.
  const isBusy = (element) => {
    const active = document.activeElement;
    const isTyping = active && element.contains(active) && active.matches('input, textarea, select');
    return isTyping || [...element.querySelectorAll('input[type=text]')].some((i) => i.value !== i.defaultValue);
  };
  document.addEventListener('htmx:beforeRequest', (event) => {
    if (event.target.matches('[data-live]') && isBusy(event.target)) {
      event.preventDefault();
    }
  });

  document.addEventListener('DOMContentLoaded', () => local(document));
  document.addEventListener('htmx:afterSwap', () => local(document));
  setInterval(count, 1000);
})();
