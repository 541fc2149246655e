import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { configurationFields } from '../../src/base/configuration-fields.js';
import { commandNames } from '../../src/cli/command-table.js';
import { utadProgram } from '../../src/cli/program.js';
import { configurationKinds } from '../../src/runs/configuration-kinds.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Files below folders of the repository, from its root. */
function filesIn(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { encoding: 'utf8', recursive: true }).map((name) =>
      posix.join(folder, name.replaceAll('\\', '/')),
    ),
  );
}

const files = filesIn('bench', 'containers', 'docs', 'examples', 'scripts', 'src', 'test', 'web', 'workflow');
const pages = ['README.md', ...files, ...filesIn('models')].filter(
  // Fixtures say how an earlier version wrote them.
  (path) => path.endsWith('.md') && !path.startsWith('test/fixtures/'),
);

/** What a pattern captures in the pages, with the page, where `wrong` says so. */
function findings(pattern: RegExp, wrong: (captured: string, page: string) => boolean): string[] {
  return pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(pattern)]
      .map(([, captured]) => captured!)
      .filter((captured) => wrong(captured, page))
      .map((captured) => `${page}: ${captured}`),
  );
}

it('links to files that exist', () => {
  const missing = (link: string, page: string): boolean => !existsSync(join(root, posix.dirname(page), link));
  expect(findings(/\]\((?!https?:)([^)#\s]+)/g, missing)).toEqual([]);
});

it('names source files that exist', () => {
  const known = (name: string): boolean =>
    existsSync(join(root, name)) || files.some((path) => path.endsWith(`/${name}`));
  expect(
    findings(/`([\w@./-]*\w\.(?:tsx?|py|sh|def|nf))`/g, (name) => !known(name.replace(/^\.\//, ''))),
  ).toEqual([]);
});

it('sets fields that configurations have', () => {
  const fields = Object.values(configurationKinds).flatMap(({ schema }) => configurationFields(schema));
  const known = (name: string): boolean =>
    fields.some((field) => field.name === name || field.name.startsWith(`${name}.`));
  expect(findings(/--(?:set|vary)\s+'?([a-z][\w.]*)=/gi, (name) => name !== 'field' && !known(name))).toEqual(
    [],
  );
});

it('calls commands that exist', () => {
  const known: readonly string[] = ['help', ...commandNames];
  expect(findings(/^utad ([a-z][\w-]*)/gm, (name) => !known.includes(name))).toEqual([]);
});

it('advises commands and options that exist', async () => {
  const programs = new Map<string, Command>();
  for (const name of commandNames) programs.set(name, (await utadProgram([name])).commands[0]!);
  const sources = files.filter((path) => /^src\/.*\.ts$/.test(path) && !path.endsWith('.test.ts'));
  const wrong = sources.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return [...text.matchAll(/(?<![\w.-])utad ([a-z][\w-]*)([^'"`\n.;]*)/g)].flatMap(
      ([advice, name, rest]) => {
        const command = programs.get(name!);
        if (command === undefined) return name === 'help' ? [] : [`${path}: ${advice}`];
        const [, second] = /^ ([a-z]+)/.exec(rest!) ?? [];
        const called = command.commands.find((one) => one.name() === second) ?? command;
        const options = [...called.options.map(({ long }) => long), '--help'];
        const unknown = [...rest!.matchAll(/--[a-z][\w-]*/g)].filter(([one]) => !options.includes(one));
        return unknown.length === 0 ? [] : [`${path}: ${advice}`];
      },
    );
  });
  expect(wrong).toEqual([]);
});
