import type { JSX, TargetedEvent } from 'preact';
import { Icon } from '../controls/icons.js';
import { readFiles } from '../patient/actions.js';
import { filesOfList } from '../patient/collect-files.js';

function chosen(event: TargetedEvent<HTMLInputElement>): void {
  const { currentTarget } = event;
  const files = filesOfList([...(currentTarget.files ?? [])]);
  // The same file can be chosen again later.
  currentTarget.value = '';
  void readFiles(files);
}

/** Buttons that choose files or a folder. */
export function FileButtons({ strong = false }: { readonly strong?: boolean }): JSX.Element {
  return (
    <>
      <label class={strong ? 'button primary' : 'button'}>
        <Icon name="file" />
        <span>Choose files</span>
        <input class="hidden" type="file" multiple onChange={chosen} data-test="files" />
      </label>
      <label class="button">
        <Icon name="folder" />
        <span>DICOM folder</span>
        <input
          class="hidden"
          type="file"
          multiple
          {...{ webkitdirectory: true }}
          onChange={chosen}
          data-test="folder"
        />
      </label>
    </>
  );
}
