# What zsh's completion offers for a line: zsh -f completion.zsh FOLDER LINE. A shell of its own, on a terminal of its
# own, is asked, as a person would; it prints what its completion adds instead of drawing it.
zmodload zsh/zpty
zpty asked zsh -f -i
zpty -w asked "PROMPT= RPROMPT= PS2=; unsetopt zle_bracketed_paste 2>/dev/null; fpath=(${(q)1} \$fpath)"
zpty -w asked 'autoload -U compinit; compinit -D -u; zstyle ":completion:*" list-prompt ""; stty -echo'
zpty -w asked 'compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
    local -a found; builtin compadd -O found "$@"
    (( $#found )) && print -rl -- "<"$^found">"
    builtin compadd "$@"
}'
zpty -w asked 'ask() { zle complete-word; print; print "<""end>"; exit }; zle -N ask; bindkey "^I" ask; print "<""ready>"'
while zpty -r asked line && [[ $line != *'<ready>'* ]]; do :; done
zpty -w -n asked "$2"$'\t'
while zpty -r asked line; do
    line=${line//$'\r'/}
    [[ $line == *'<end>'* ]] && break
    [[ $line == *'<'*'>'* ]] && print -r -- ${${line##*<}%%>*}
done | sort -u
zpty -d asked
