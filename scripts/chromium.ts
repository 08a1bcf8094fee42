import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

// Debian's shell without windows comes first: it needs a third less processor time than the whole browser.
const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
]
const usualPlaces = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/opt/google/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS',
  '/Applications/Chromium.app/Contents/MacOS',
  'C:\\Program Files\\Google\\Chrome\\Application',
]
const macNames = ['Google Chrome', 'Chromium', 'chrome.exe']

/** Returns the path of a browser for the tests. On Debian as root, a missing browser is installed with a Chinese font. */
export function findChromium(): string {
  return process.env['CHROMIUM_PATH'] ?? installed() ?? install()
}

function installed(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...usualPlaces]
  const candidates = [...names, ...macNames].flatMap((name) => folders.map((folder) => join(folder, name)))
  return candidates.find((path) => existsSync(path))
}

function install(): string {
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log('  installing Chromium …')
    apt('update')
    apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk')
    const found = installed()
    if (found) return found
  }
  throw new Error(
    'The browser tests need Chromium: install it (apt-get install chromium fonts-noto-cjk), or name it in CHROMIUM_PATH.',
  )
}

function apt(...args: string[]): void {
  const { status, stderr } = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${stderr}`)
}
