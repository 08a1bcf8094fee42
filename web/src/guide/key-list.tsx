import { useEffect, useState } from 'react'
import { KeyCap } from '../ui/base/button.tsx'
import { keysNow, type NamedKey } from '../ui/base/keys.ts'
import { withMod } from '../ui/base/mod-key.ts'
import { useSay } from '../words.ts'

const written: Record<string, string> = {
  Enter: '↵',
  Escape: 'Esc',
  Delete: 'Del',
  j: 'J K',
}

const capOf = (key: string) =>
  key.startsWith('mod+') ? withMod(key.slice(4).toUpperCase()) : (written[key] ?? key.toUpperCase())

const readKeys = () => keysNow().filter(({ key }) => key !== '')
const namesOf = (keys: readonly NamedKey[]) => keys.map(({ key, words }) => `${key} ${words[1]}`).join()

/** The keys that work at this moment. They change without notice, as when a document is opened, so they are read again and again. */
export function KeyList() {
  const say = useSay()
  const [keys, setKeys] = useState(readKeys)
  useEffect(() => {
    const timer = setInterval(() => {
      const now = readKeys()
      setKeys((before) => (namesOf(before) === namesOf(now) ? before : now))
    }, 400)
    return () => clearInterval(timer)
  }, [])
  const title = say(['快捷键', 'Keys'])
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl className="key-sheet">
        {keys.map(({ key, words }) => (
          <div key={key} className="row">
            <dt>
              <KeyCap>{capOf(key)}</KeyCap>
            </dt>
            <dd>{say(words)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
