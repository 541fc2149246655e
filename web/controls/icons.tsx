import type { JSX } from 'preact';

/** Shapes of the page's icons on a field of 24 × 24. */
const shapes = {
  camera: 'M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z',
  close: 'M6 6l12 12M18 6L6 18',
  download: 'M12 4v11m0 0l-4.5-4.5M12 15l4.5-4.5M5 19.5h14',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z',
  'eye-off':
    'M4 4l16 16M9.5 5.9A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-3 3.7M6.2 7.6A16 16 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4.3-1.1',
  folder: 'M3.5 6.5h6l2 2.5h9v10h-17z',
  file: 'M6 3.5h8l4 4v13H6zM14 3.5v4h4',
  help: 'M9.2 9.2a2.9 2.9 0 1 1 4.3 2.5c-1 .6-1.5 1.2-1.5 2.3M12 17.4v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  moon: 'M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z',
  sun: 'M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8M17.3 17.3l1.8 1.8M4.9 19.1l1.8-1.8M17.3 6.7l1.8-1.8',
  reset: 'M5 12a7 7 0 1 0 2.2-5.1M5 4.5v4h4',
  spark:
    'M12 3.5l1.9 5.1 5.1 1.9-5.1 1.9L12 17.5l-1.9-5.1L5 10.5l5.1-1.9zM18.5 16l.8 2.2 2.2.8-2.2.8-.8 2.2-.8-2.2-2.2-.8 2.2-.8z',
  lock: 'M6.5 11h11v9h-11zM9 11V8a3 3 0 0 1 6 0v3',
  head: 'M12 3.5c4.4 0 7.5 3.2 7.5 8.2 0 5-3.2 8.8-7.5 8.8s-7.5-3.8-7.5-8.8c0-5 3.1-8.2 7.5-8.2zM12 6v4M9.5 12.5c0-2 .8-3 2.5-3s2.5 1 2.5 3-1 2.5-1 4.5M9.5 12.5c0 2 1 2.500 1 4.500',
} as const;

/** The name of an icon. */
type IconName = keyof typeof shapes;

/** A drawn sign; the words beside it or the button's name say what it means. */
export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
