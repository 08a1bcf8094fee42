import { browserSetting } from '../../ui/base/store.ts'

/** 'off': the station is silent. A stop sounds nevertheless. */
export const soundSetting = browserSetting('station.sound', 'on')

type Beep = { hz: number; ms: number; rest?: number }
const sounds = {
  right: [{ hz: 880, ms: 80 }],
  done: [
    { hz: 660, ms: 90, rest: 30 },
    { hz: 990, ms: 90 },
  ],
  wrong: [{ hz: 220, ms: 400 }],
  stop: [440, 330, 440].map((hz) => ({ hz, ms: 600, rest: 60 })),
} satisfies Record<string, Beep[]>
export type Sound = keyof typeof sounds

let audio: AudioContext | undefined

/** Plays a sound. Browsers allow it once the user has pressed a key on the page, which a scanner does. */
export function play(name: Sound): void {
  if (soundSetting.read() === 'off' && name !== 'stop') return
  audio ??= new AudioContext()
  void audio.resume()
  let at = audio.currentTime
  for (const { hz, ms, rest = 0 } of sounds[name] as Beep[]) {
    const [tone, loudness] = [audio.createOscillator(), audio.createGain()]
    tone.frequency.value = hz
    loudness.gain.value = 0.25
    tone.connect(loudness).connect(audio.destination)
    tone.start(at)
    tone.stop(at + ms / 1000)
    at += (ms + rest) / 1000
  }
}
