import type { ErrorComponentProps } from '@tanstack/react-router'
import { Button } from '../ui/base/button.tsx'
import { Empty } from '../ui/base/empty.tsx'
import { useSay } from '../words.ts'

/** Shown if a page crashes; the rest of the screen still works. The usual cause is a new version on the server. */
export function PageCrash({ error, reset }: ErrorComponentProps) {
  const say = useSay()
  return (
    <div className="page">
      <Empty
        title={say(['这个页面出错了', 'This page broke'])}
        remedy={say([
          '刷新会取到最新版本；数据没有动。',
          'Reloading brings the newest version; nothing was changed.',
        ])}
      >
        <Button kind="primary" onClick={() => location.reload()}>
          {say(['刷新', 'Reload'])}
        </Button>
        <Button onClick={reset}>{say(['再试一次', 'Try again'])}</Button>
      </Empty>
      <p className="t3 small" style={{ textAlign: 'center' }}>
        {error instanceof Error ? error.message : String(error)}
      </p>
    </div>
  )
}
