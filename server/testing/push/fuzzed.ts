import fc from 'fast-check'

/** Calls `read` with texts that differ from this one in places. It must not throw. */
export function fuzzed(text: string, read: (text: string) => unknown): void {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 8 }), fc.nat(text.length), (noise, at) => {
      read(text.slice(0, at) + noise + text.slice(at + noise.length))
    }),
  )
}
