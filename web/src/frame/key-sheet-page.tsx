import { useState } from 'react'
import { KeyCap } from '../ui/base/button.tsx'
import { keysNow } from '../ui/base/keys.ts'
import { withMod } from '../ui/base/mod-key.ts'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { useSay } from '../words.ts'

const written: Record<string, string> = {
  Enter: '↵',
  Escape: 'Esc',
  Delete: 'Del',
  'mod+a': withMod('A'),
  'mod+k': withMod('K'),
  j: 'J K',
}

export default function KeySheet({ onClose }: { onClose: () => void }) {
  const say = useSay()
  // Read once, so that the sheet shows the keys of the page from which it was opened.
  const [keys] = useState(() => keysNow().filter(({ key }) => key !== ''))
  const title = say(['快捷键', 'Keys'])
  return (
    <Dialog title={title} label={title} onClose={onClose}>
      <dl className="key-sheet">
        {keys.map(({ key, words }) => (
          <div key={key} className="row">
            <dt>
              <KeyCap>{written[key] ?? key.toUpperCase()}</KeyCap>
            </dt>
            <dd>{say(words)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
