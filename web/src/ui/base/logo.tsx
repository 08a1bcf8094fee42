/** 三易: the trigram of light. */
export function Logo() {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" className="logo" aria-hidden="true">
      <path d="M0 1.5h16v3H0zM0 6.5h7v3H0zM9 6.5h7v3H9zM0 11.5h16v3H0z" />
    </svg>
  )
}
