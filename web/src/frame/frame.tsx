import { Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { Empty } from '../ui/base/empty.tsx'
import { useKeys } from '../ui/base/keys.ts'
import { useAllowed } from '../ui/base/session.ts'
import { listWords } from '../ui/list/list-words.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { useLanguage, useSay } from '../words.ts'
import { needsOf, pageAt } from './menu.ts'
import { useOwnSettings } from './own-settings.ts'
import { SideMenu } from './side-menu.tsx'
import { TopBar } from './top-bar.tsx'
import './frame.css'

const Palette = lazy(() => import('./palette-page.tsx'))
const Help = lazy(() => import('../guide/help-page.tsx'))

/**
 * The frame around every page: the top bar with the alarms and the progress of bulk actions, and the menu. It also opens the command
 * palette and the help.
 */
export function Frame() {
  const chinese = useLanguage() === 'zh'
  const navigate = useNavigate()
  const [open, setOpen] = useState<'palette' | 'help'>()
  const onHelp = () => setOpen(open === 'help' ? undefined : 'help')
  useOwnSettings()
  useKeys(
    [
      { key: 'mod+k', words: listWords.keyPalette, run: () => setOpen('palette') },
      { key: '/', words: listWords.keySearch, run: () => setOpen('palette') },
      { key: '?', words: listWords.keyAll, run: onHelp },
      { key: 'g', words: ['回总览', 'to the overview'], run: () => void navigate({ to: '/' }) },
    ],
    { lowest: true },
  )
  const close = () => setOpen(undefined)
  return (
    <div className={chinese ? 'frame' : 'frame english'}>
      <TopBar onSearch={() => setOpen('palette')} onHelp={onHelp} />
      <SideMenu />
      <main className="content" id="content">
        <Suspense>
          <Page />
        </Suspense>
      </main>
      <Suspense>
        {open === 'palette' && <Palette onClose={close} />}
        {open === 'help' && <Help onClose={close} />}
      </Suspense>
    </div>
  )
}

/** The page at the address. Without its permission the name of the permission is shown, and nothing is requested. */
function Page() {
  const say = useSay()
  const allowed = useAllowed()
  const { pathname } = useLocation()
  const why = needsOf(pathname)
    .map(allowed)
    .find((each) => each !== undefined)
  const page = pageAt(pathname)
  if (why === undefined || !page) return <Outlet />
  return (
    <div className="page">
      <PageHead title={say(page.words)} />
      <div className="scroll body">
        <Empty
          title={why}
          remedy={say(['能看的页面在左边的菜单里。', 'The menu has the pages that you may see.'])}
        />
      </div>
    </div>
  )
}
