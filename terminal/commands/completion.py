"""`completion SHELL`: a script that gives a shell the command `pma`, which is this program, with completion.

A shell completes the arguments of a command, and a Python with a script is not one to it; hence the name.
The program itself answers what may come next, by click's protocol.
"""

from copy import copy

import click

import launch
from terminal.say import say
from terminal.where import COMPLETE, WrongUsage

_BASH = """\
{name}() {{ {command} "$@"; }}
_{name}_complete() {{
    local IFS=$'\\n' line type value
    COMPREPLY=()
    for line in $(COMP_WORDS="${{COMP_WORDS[*]}}" COMP_CWORD=$COMP_CWORD {variable}=bash_complete {command}); do
        IFS=, read -r type value <<< "$line"
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done
}}
complete -o nosort -F _{name}_complete {name}
"""
_ZSH = """\
{name}() {{ {command} "$@"; }}
_{name}_complete() {{
    local -a lines told plain
    local kind value text
    lines=("${{(@f)$(COMP_WORDS="${{words[*]}}" COMP_CWORD=$((CURRENT-1)) {variable}=zsh_complete {command})}}")
    for kind value text in $lines; do
        case $kind in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain) if [[ $text == _ ]]; then plain+=("$value"); else told+=("$value:$text"); fi ;;
        esac
    done
    (( $#told )) && _describe -V unsorted told -U
    (( $#plain )) && compadd -U -V unsorted -a plain
}}
compdef _{name}_complete {name}
"""
_FISH = """\
function {name}; {command} $argv; end
function _{name}_complete
    for line in (env {variable}=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) {command})
        set -l parts (string split -m 1 "," -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end
complete --no-files --command {name} --arguments "(_{name}_complete)"
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


class _Completion(click.Command):
    """Its help names the program as it is called from anywhere: its lines are for files of the shell."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with_name = copy(self)
        with_name.help = (self.help or "").replace("PROGRAM", _called(ctx))
        click.Command.format_help_text(with_name, ctx, formatter)


def _called(context: click.Context) -> str:
    as_pma = context.find_root().info_name == launch.COMMAND
    return launch.COMMAND if as_pma else launch.command_anywhere()


@click.command(cls=_Completion)
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
@click.option("--name", default="pma", show_default=True, help="What the command is called.")
@click.pass_context
def completion(context: click.Context, shell: str, name: str) -> None:
    """Print a script that makes this program a command of your shell, with completion.

    \b
    bash: eval "$(PROGRAM completion bash)" in ~/.bashrc
    zsh:  eval "$(PROGRAM completion zsh)" in ~/.zshrc, after compinit
    fish: PROGRAM completion fish > ~/.config/fish/conf.d/pma.fish
    """
    if not name.isidentifier():
        raise click.BadParameter(
            f"{name!r} cannot be a command's name; use letters, digits and _.", param_hint="--name"
        )
    if context.find_root().params.get("as_json"):
        raise WrongUsage("completion prints a script for a shell, and has no JSON.")
    say(SCRIPTS[shell].format(name=name, command=launch.command_anywhere(), variable=COMPLETE), nl=False)
