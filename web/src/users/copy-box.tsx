import { Button } from '../ui/base/button.tsx'
import { shared } from '../ui/base/words.ts'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import './users.css'

export function CopyBox({ text, label }: { text: string; label: string }) {
  const say = useSay()
  const copy = () => {
    // Browsers have no clipboard over plain http, and then refuse.
    const writing = navigator.clipboard?.writeText(text) ?? Promise.reject()
    writing.then(
      () => toast('ok', say(shared.copied)),
      () =>
        toast('warn', say(['浏览器不让复制，手工选中', 'The browser forbids copying; select it by hand'])),
    )
  }
  return (
    <div className="stack" style={{ gap: 6 }}>
      <span className="t2">{label}</span>
      <div className="row">
        <output className="code-box grow" aria-label={label}>
          {text}
        </output>
        <Button onClick={copy}>{say(shared.copy)}</Button>
      </div>
    </div>
  )
}
