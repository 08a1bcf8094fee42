import { stationWords as words } from './station-words.ts'

/** The keys of a station. Function keys only, since scanners type letters and digits. */
export const stationKeys = [
  { key: 'F1', name: 'help', words: words.keyHelp },
  { key: 'F2', name: 'user', words: words.keyUser },
  { key: 'F4', name: 'print', words: words.keyPrint },
  { key: 'F6', name: 'short', words: words.keyShort },
  { key: 'F7', name: 'letOff', words: words.keyLetOff },
  { key: 'F8', name: 'aside', words: words.keyAside },
  { key: 'F9', name: 'mute', words: words.keyMute },
  { key: 'F12', name: 'out', words: words.keyOut },
  { key: 'Escape', name: 'again', words: words.keyAgain },
] as const
export type StationKey = (typeof stationKeys)[number]['name']
export type StationRun = Record<StationKey, () => void>
