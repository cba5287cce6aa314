const vscode = require('vscode');

exports.activate = () => vscode.commands.executeCommand('eventsub.feed.focus');
