import { menu, menuPages } from '../frame/menu.ts'
import { PageLink } from '../ui/base/page-link.tsx'
import { useSay } from '../words.ts'
import { drawGuide, type GuideParts } from './draw.ts'
import type { GuidePage, GuideSection } from './types.ts'

/** Draws one section with those below it, or the whole page (`id` undefined). */
export function GuideSections(props: {
  page: GuidePage
  pictures: Record<string, string>
  id: string | undefined
  /** True: the page that the section is about lies beside it, so pictures of it are left out. */
  beside?: boolean
  onFollow: (to: string) => void
}) {
  const { page, pictures, id, beside = false, onFollow } = props
  const chosen = id === undefined ? page.sections : sectionWith(page.sections, id)
  const parts: GuideParts = {
    link: (to, children) =>
      to.startsWith('https://') ? (
        <a href={to} target="_blank" rel="noreferrer">
          {children}
        </a>
      ) : (
        <button type="button" className="help-link" onClick={() => onFollow(to)}>
          {children}
        </button>
      ),
    word: (text) => <ScreenWord text={text} />,
    picture: (name, alt) =>
      !beside && (
        <a href={pictures[name]} target="_blank" rel="noreferrer">
          <img src={pictures[name]} alt={alt} loading="lazy" />
        </a>
      ),
  }
  return (
    <article className="guide">
      {chosen.map(({ id: at, title, level, body }) => {
        const heading = level === 1 ? page.title : title
        return (
          <section key={at}>
            {level === 3 ? <h4>{heading}</h4> : <h3>{heading}</h3>}
            {drawGuide(body, parts)}
          </section>
        )
      })}
    </article>
  )
}

function sectionWith(sections: readonly GuideSection[], id: string): GuideSection[] {
  const at = Math.max(
    0,
    sections.findIndex((each) => each.id === id),
  )
  const [first, ...rest] = sections.slice(at)
  if (!first) return []
  const end = rest.findIndex(({ level }) => level <= first.level || first.level === 1)
  return [first, ...rest.slice(0, end === -1 ? rest.length : end)]
}

/** A word of the screens. The way to a page in the menu, such as 发货 › 打单发货, opens that page. */
function ScreenWord({ text }: { text: string }) {
  const say = useSay()
  const steps = text.split(' › ')
  const [section = ''] = steps
  const within = menu.find(({ words }) => say(words) === section)
  const to =
    steps.length === 1
      ? within?.to
      : (within?.pages ?? menuPages).find(({ words }) => say(words) === steps[1])?.to
  return to === undefined ? <b>{text}</b> : <PageLink to={to}>{text}</PageLink>
}
