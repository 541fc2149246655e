import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';

/** A row of choices of which one is taken. */
export function Choice<Value extends string>({
  label,
  options,
  value,
  disabled = [],
}: {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly text: string; readonly hint?: string }[];
  readonly value: Signal<Value>;
  readonly disabled?: readonly Value[];
}): JSX.Element {
  return (
    <fieldset class="choice">
      <legend class="hidden">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          class={value.value === option.value ? 'chosen' : ''}
          title={option.hint ?? option.text}
        >
          <input
            type="radio"
            name={label}
            value={option.value}
            checked={value.value === option.value}
            disabled={disabled.includes(option.value)}
            onChange={() => {
              value.value = option.value;
            }}
          />
          <span>{option.text}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A switch for something that is shown or not. */
export function Toggle({
  text,
  hint,
  value,
  disabled = false,
}: {
  readonly text: string;
  readonly hint: string;
  readonly value: Signal<boolean>;
  readonly disabled?: boolean;
}): JSX.Element {
  return (
    <button
      type="button"
      class="toggle"
      aria-pressed={value.value}
      title={hint}
      disabled={disabled}
      onClick={() => {
        value.value = !value.value;
      }}
    >
      {text}
    </button>
  );
}

/** A number that is dragged along a line. */
export function Slide({
  text,
  value,
  min,
  max,
  show,
  onInput,
}: {
  readonly text: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly show: (value: number) => string;
  readonly onInput: (value: number) => void;
}): JSX.Element {
  return (
    <label class="slide" title={text}>
      <span>{text}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={(max - min) / 100}
        value={value}
        aria-valuetext={show(value)}
        onInput={(event) => onInput(Number(event.currentTarget.value))}
      />
    </label>
  );
}
