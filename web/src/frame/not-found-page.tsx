import { Link } from '@tanstack/react-router'
import { Empty } from '../ui/base/empty.tsx'
import { withMod } from '../ui/base/mod-key.ts'
import { useSay } from '../words.ts'

export default function NotFoundPage() {
  const say = useSay()
  return (
    <div className="page">
      <Empty
        title={say(['没有这个页面', 'There is no such page'])}
        remedy={say(['从菜单或 {key} 重新进入。', 'Use the menu or {key}.'], { key: withMod('K') })}
      >
        <Link to="/">{say(['回总览', 'Go to the overview'])}</Link>
      </Empty>
    </div>
  )
}
