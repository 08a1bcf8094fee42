import { useEffect, useRef, useState } from 'react'

// A scale on a serial port, read in the browser (Web Serial: Chrome and Edge, on a page that they trust).

/** The part of Web Serial that is used here. The types of the DOM do not have it. */
type Port = {
  open(options: { baudRate: number }): Promise<void>
  close(): Promise<void>
  readable: ReadableStream<Uint8Array> | null
}
type Serial = { getPorts(): Promise<Port[]>; requestPort(): Promise<Port> }

const isSerial = (value: unknown): value is Serial =>
  typeof value === 'object' && value !== null && 'requestPort' in value && 'getPorts' in value
const serial = (): Serial | undefined => {
  const found: unknown = Reflect.get(navigator, 'serial')
  return isSerial(found) ? found : undefined
}
export const canReadScale = () => serial() !== undefined

/** "ST,GS,+  4.420kg" → 4420, "  812 g" → 812. Undefined: no weight in it. A line that says "US" is not steady. */
export function gramsOf(line: string): { grams: number; steady: boolean } | undefined {
  const found = /([-+]?\s*\d+(?:\.\d+)?)\s*(kg|g)?/i.exec(line)
  if (!found) return undefined
  const value = Number((found[1] ?? '').replaceAll(' ', ''))
  const inGrams = found[2]?.toLowerCase() === 'g' || (found[2] === undefined && !line.includes('.'))
  return { grams: Math.round(inGrams ? value : value * 1000), steady: !/^US/i.test(line.trim()) }
}

/** A weight counts as steady if it stays within 5 g for this time. */
const steadyMs = 800

export type Scale = {
  grams: number | undefined
  connected: boolean
  connect: () => void
}

/** Reads the scale that this browser was allowed to read. `onSteady` gets each weight that came to rest, again until it takes it. */
export function useScale(onSteady: (grams: number) => boolean): Scale {
  const [grams, setGrams] = useState<number>()
  const [connected, setConnected] = useState(false)
  const latest = useRef(onSteady)
  latest.current = onSteady
  const begin = useRef((_port: Port) => {})
  useEffect(() => {
    const ended = new AbortController()
    begin.current = (port) => {
      // A port that does not open, or breaks off, is not connected; the top line says so.
      void readScale(port, ended.signal, setGrams, (steady) => latest.current(steady))
        .catch(() => {})
        .finally(() => setConnected(false))
      setConnected(true)
    }
    void serial()
      ?.getPorts()
      .then(([port]) => port && begin.current(port))
    return () => ended.abort()
  }, [])
  return {
    grams,
    connected,
    connect: () =>
      void serial()
        ?.requestPort()
        .then(
          (port) => begin.current(port),
          () => {},
        ),
  }
}

export async function readScale(
  port: Port,
  signal: AbortSignal,
  onGrams: (grams: number) => void,
  onSteady: (grams: number) => boolean,
): Promise<void> {
  await port.open({ baudRate: 9600 })
  if (signal.aborted) return port.close()
  const reader = port.readable
    ?.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader()
  if (!reader) return
  signal.addEventListener('abort', () => void reader.cancel())
  let text = ''
  let rest = { grams: 0, since: 0, reported: false }
  for (;;) {
    const { value, done } = await reader.read()
    if (done) break
    text += value
    const lines = text.split(/[\r\n]+/)
    text = lines.pop() ?? ''
    for (const found of lines.flatMap((line) => gramsOf(line) ?? [])) {
      onGrams(found.grams)
      if (!found.steady || Math.abs(found.grams - rest.grams) > 5)
        rest = { grams: found.grams, since: Date.now(), reported: false }
      if (!rest.reported && rest.grams > 10 && Date.now() - rest.since >= steadyMs)
        rest.reported = onSteady(rest.grams)
    }
  }
  await port.close()
}
